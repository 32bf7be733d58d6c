"""The printed report: one document made from a release, written as PDF and as a Word file."""
