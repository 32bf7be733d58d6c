"""Text at the edge: labels, numbers, periods and units as Vietnamese publishers print them."""
