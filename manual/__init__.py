"""帮助: the product's own manual, a chapter for each kind of reader. Knows no record and no person."""
