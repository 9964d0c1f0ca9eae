"""Who was in class: registers, excuses, evidence and care."""
