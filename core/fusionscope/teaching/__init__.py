"""Teaching: a network of your own classes, learned from a few clips on frozen towers."""
