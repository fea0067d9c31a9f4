"""Agent is where a person or a program meets Workings: settings, models, Assistant, every face."""
