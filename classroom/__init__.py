"""What happens in a lesson: joining, questions, answers."""
