// The univariate reference data sets of the National Institute of Standards and Technology, with
// their certified values: Statistical Reference Datasets, https://www.itl.nist.gov/div898/strd/univ/
// (public domain). The same data is in the statistics tests of the GNU Scientific Library.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lmbench::test {

struct CertifiedSet {
  std::string name;
  std::vector<double> values;
  // Certified, to 15 digits.
  double mean;
  double standard_deviation;
  double lag_1_autocorrelation;
  // What of the certified digits is to be expected of an exact computation in double precision:
  // reading 10000000.1 as a double already costs half of those of a spread of 0.1.
  int expected_digits;
};

std::vector<CertifiedSet> nist_strd_univariate();

}  // namespace lmbench::test
