"""Study: worlds and data sets, training on them, and what was measured."""
