"""One module per file format; each turns bytes into cells and renames nothing."""
