"""Changes: attendance before and after something was done, beside the places where it was not done."""
