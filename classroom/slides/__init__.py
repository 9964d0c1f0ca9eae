"""Slides: presentations that hang on lesson plans, drawn once into pictures, shown in lessons, handed on."""
