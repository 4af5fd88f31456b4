// SPDX-License-Identifier: Apache-2.0
#include "stats/student_t.hpp"

#include <boost/math/distributions/students_t.hpp>

namespace lmbench::stats {
namespace {

// In double precision: the long double that Boost.Math takes by default is eight times as slow,
// and this is asked for between two rounds of a measurement.
using boost::math::policies::policy;
using boost::math::policies::promote_double;
using Distribution = boost::math::students_t_distribution<double, policy<promote_double<false>>>;

}  // namespace

double student_t_above(double chance, double degrees_of_freedom) {
  return quantile(complement(Distribution(degrees_of_freedom), chance));
}

double student_t_tail(double t, double degrees_of_freedom) {
  return cdf(complement(Distribution(degrees_of_freedom), t));
}

}  // namespace lmbench::stats
