"""Sliding windows out of panes of one slide, for one partition: what river leaves to its user."""

import math


class Pane:
    __slots__ = ("count", "mean", "m2", "min", "max")

    def __init__(self):
        self.count, self.mean, self.m2, self.min, self.max = 0, 0.0, 0.0, math.inf, -math.inf

    def add(self, value):
        self.count += 1
        delta = value - self.mean
        self.mean += delta / self.count
        self.m2 += delta * (value - self.mean)
        if value < self.min:
            self.min = value
        if value > self.max:
            self.max = value

    def merge(self, other):
        count = self.count + other.count
        delta = other.mean - self.mean
        self.mean += delta * other.count / count
        self.m2 += other.m2 + delta * delta * self.count * other.count / count
        self.count = count
        if other.min < self.min:
            self.min = other.min
        if other.max > self.max:
            self.max = other.max

    def features(self):
        stddev = math.sqrt(self.m2 / (self.count - 1)) if self.count > 1 else 0.0
        return {"mean": self.mean, "stddev": stddev, "min": self.min, "max": self.max, "count": self.count, "range": self.max - self.min}


class Windows:
    """Panes by their start, and in each by device and metric. A window is merged from its panes when the watermark has passed its end."""

    def __init__(self, size_ms, slide_ms, lateness_ms):
        self.size_ms, self.slide_ms, self.lateness_ms = size_ms, slide_ms, lateness_ms
        self.panes = {}
        self.next_end_ms = None
        self.latest_ms = 0

    def add(self, key, event_time_ms, value):
        start_ms = event_time_ms - event_time_ms % self.slide_ms
        panes = self.panes.get(start_ms)
        if panes is None:
            panes = self.panes[start_ms] = {}
            if self.next_end_ms is None:
                self.next_end_ms = start_ms + self.slide_ms
        pane = panes.get(key)
        if pane is None:
            pane = panes[key] = Pane()
        pane.add(value)
        if event_time_ms > self.latest_ms:
            self.latest_ms = event_time_ms

    def closed(self):
        """The windows that the watermark has passed: (key, start, end, features), by end."""
        while self.next_end_ms is not None and self.next_end_ms <= self.latest_ms - self.lateness_ms:
            end_ms = self.next_end_ms
            start_ms = end_ms - self.size_ms
            merged = {}
            for pane_ms in range(start_ms, end_ms, self.slide_ms):
                for key, pane in self.panes.get(pane_ms, {}).items():
                    whole = merged.get(key)
                    if whole is None:
                        whole = merged[key] = Pane()
                    whole.merge(pane)
            self.panes.pop(start_ms, None)
            self.next_end_ms = end_ms + self.slide_ms
            for key, whole in merged.items():
                yield key, start_ms, end_ms, whole.features()
