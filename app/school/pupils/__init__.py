"""The pupils of a school: looking for one, the page of one, what the office writes down about one."""
