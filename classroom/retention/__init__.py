"""How long a school keeps what each pupil answered; counts without names stay."""
