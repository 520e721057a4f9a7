"""Store: networks on disk and in installed packages: cards, weights, adapters."""
