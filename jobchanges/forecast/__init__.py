"""The forecast of a batch: everything is matched and planned beforehand, nothing is written."""

from jobchanges.forecast.making import Forecast, ForecastError, forecast_make

__all__ = ["Forecast", "ForecastError", "forecast_make"]
