"""Scripts that prepare a machine or a release; the application imports none of them."""
