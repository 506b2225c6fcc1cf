"""What runs beside a student's function in its sandbox: the bookshop, in each mapper."""
