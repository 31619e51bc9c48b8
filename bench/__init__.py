"""How fast it is, as ratios to something bare that runs beside it: `python -m bench`."""
