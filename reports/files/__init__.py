"""Files of many schools: a job makes them, a page says how far it is, and then hands them out."""
