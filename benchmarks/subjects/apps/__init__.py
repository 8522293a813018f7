"""Apps that are served; a folder of their own, because it is put on the path of who serves them."""
