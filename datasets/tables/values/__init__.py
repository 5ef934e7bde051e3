"""How single values are written (numbers, dates, times, missing values), and the type of a column."""
