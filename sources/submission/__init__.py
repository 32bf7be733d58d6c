"""What departments send in: template workbooks, filled ones read and judged cell by cell, keyed letters."""
