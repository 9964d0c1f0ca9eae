"""What pupils and classes can do, over lessons: right answers by objective, with honest uncertainty."""
