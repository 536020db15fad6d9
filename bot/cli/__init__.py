"""The command line: one module for each group of commands; `main` names them all."""
