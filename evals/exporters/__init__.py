"""One module for each form in which a trace is given to other programs."""
