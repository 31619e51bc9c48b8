"""Ten minutes of harm: random kills, two writers on one device, two more that sync, clocks that jump; then the count."""
