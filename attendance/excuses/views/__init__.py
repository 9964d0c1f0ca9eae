"""Pages of excuses: the lists with the form to ask, and the steps taken with one."""
