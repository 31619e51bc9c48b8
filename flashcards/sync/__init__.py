"""A folder that something else carries: every device appends to files of its own and reads the others'."""
