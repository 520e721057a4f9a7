"""First views: the analyses that the app shows before it has loaded a network.

    .venv/bin/python -m docs.make_first_views

Run it when the bundled clips, the default network, or the code that analyses or draws them change
(``tests/test_kept_analysis.py`` compares). Takes a few seconds.
"""

from __future__ import annotations

from fusionscope.analysis.analysis import analyse
from fusionscope.analysis.kept.kept_analysis import SHIPPED, file_name, key_of, pack_analysis
from fusionscope.analysis.kept.record_file import pack
from fusionscope.analysis.kept.thumbnails import FILE, thumbnail_of
from fusionscope.base.atomic_file import atomic_write
from fusionscope.nets.store.catalogue import cards
from fusionscope.nets.store.loading import load_network
from fusionscope_app.state import clip_sources


def main() -> None:
    """Write the file of each bundled clip with the default network, and remove others."""
    card = next(iter(cards().values()))
    network = load_network(card)
    pictures, written = {}, {FILE}
    SHIPPED.mkdir(exist_ok=True)
    for name in clip_sources.bundled():
        clip = clip_sources.world(name).clip
        pictures[name] = thumbnail_of(clip)
        path = SHIPPED / file_name(name, card)
        content = pack_analysis(analyse(network, clip), key_of(clip, card, code=""))
        with atomic_write(path) as unfinished:
            unfinished.write_bytes(content)
        written.add(path)
        print(f"{path.name}: {len(content) / 1e6:.2f} MB")
    with atomic_write(FILE) as unfinished:
        unfinished.write_bytes(pack(pictures))
    for path in set(SHIPPED.glob("*")) - written:
        path.unlink()


if __name__ == "__main__":
    main()
