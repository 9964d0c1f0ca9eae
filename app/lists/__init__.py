"""Lists, once for everybody: a view says its columns; search, filters, order, pages, Excel and paper follow."""
