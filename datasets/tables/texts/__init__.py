"""How a text becomes records: its delimiter, its header, and what is set apart from the rows."""
