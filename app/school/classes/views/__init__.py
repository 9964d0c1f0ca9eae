"""Pages of classes: the class itself, its teachers, its week."""
