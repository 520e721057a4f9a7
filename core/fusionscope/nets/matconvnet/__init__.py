"""MatConvNet: read the authors' files as data and convert them to this project's networks.

    file ─▶ plain values ─▶ layer graph ─▶ one sequence of layers a stream ─▶ weights by our names

Files are not trusted: if something is missing, or cannot be represented by a card, an InputError
names the layer.
"""
