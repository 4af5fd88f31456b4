// A straight line through points, by least squares.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace turbomind::perf {

struct Point {
  double x;
  double y;
};

struct StraightLine {
  double intercept = 0;
  double slope = 0;

  double at(double x) const { return intercept + slope * x; }
};

// Of at least two points that differ in x.
inline StraightLine line_through(const std::vector<Point>& points) {
  double x = 0;
  double y = 0;
  for (const Point& point : points) {
    x += point.x / static_cast<double>(points.size());
    y += point.y / static_cast<double>(points.size());
  }
  double xx = 0;
  double xy = 0;
  for (const Point& point : points) {
    xx += (point.x - x) * (point.x - x);
    xy += (point.x - x) * (point.y - y);
  }
  const double slope = xy / xx;
  return {.intercept = y - slope * x, .slope = slope};
}

// The point farthest from the line, in percent of the line there.
inline double largest_distance_percent(const StraightLine& line, const std::vector<Point>& points) {
  double worst = 0;
  for (const Point& point : points) {
    worst = std::max(worst, 100 * std::abs(point.y / line.at(point.x) - 1));
  }
  return worst;
}

}  // namespace turbomind::perf
