"""MatConvNet: the authors' files, read as data and told in this project's terms.

    file ─values─▶ plain values ─graph─▶ layers ─rows─▶ rows of layers ─fit─▶ weights by our names

No file is trusted: what it lacks, or what a card cannot say, is an InputError that names the layer.
"""
