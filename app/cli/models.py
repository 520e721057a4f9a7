"""Models: what networks there are."""

from __future__ import annotations

from app.cli.shell import AsJson, cli, print_json


@cli.command()
def models(as_json: AsJson = False) -> None:
    """List the trained networks."""
    from core.nets.zoo import cards

    rows = [
        {
            "name": card.name,
            "backbone": card.backbone,
            "fusion": card.fusion,
            "place": card.place or None,
            "temporal": card.pool,
            "heads": list(card.heads),
            "labels": list(card.labels),
            "parameters": card.parameters,
            "data": card.data,
            "accuracy": dict(card.accuracy),
            "sha256": card.sha256,
        }
        for card in cards().values()
    ]
    if as_json:
        print_json({"models": rows})
        return
    for row in rows:
        fusion = f"{row['fusion']} at {row['place']}" if row["fusion"] else "none"
        figures = ", ".join(f"{head} {share:.1%}" for head, share in row["accuracy"].items())
        print(
            f"{row['name']:<18} {row['backbone']:<12} fusion {fusion:<16} "
            f"pooling {row['temporal']} {row['parameters']:>11,} parameters  {figures} "
            f"({row['data']})"
        )
