"""Claims and open problems: their form, their files, and everything that can be wrong with them."""
