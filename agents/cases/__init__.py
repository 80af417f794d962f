"""The staff's pages for the cases of every service, drawn from the services' files."""
