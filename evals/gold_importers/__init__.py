"""Gold sets of other programs, each format read by a module of its own."""
