"""Activities of a lesson: a question and its phases, the answers, and what each side may see of them."""
