"""How one value is written: numbers, dates and times, missing values; and the type of a column of them."""
