"""Windows: a network's predictions along a long film."""
