"""The tour: a gateway before a sample service, and commands that show what it does."""

from clearway.gateway.tour.service import sample_service
from clearway.gateway.tour.steps import Step, steps
from clearway.gateway.tour.tour import Tour, serve_tour

__all__ = ["Step", "Tour", "sample_service", "serve_tour", "steps"]
