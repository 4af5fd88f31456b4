// Its name has no end within a page.
// SPDX-License-Identifier: Apache-2.0

#include "bent_descriptor.hpp"

namespace {

struct Name {
  constexpr Name() {
    for (char& letter : letters) letter = 'x';
  }
  char letters[5000] = {};
};
constexpr Name kName;

}  // namespace

LMBENCH_BENT_PLUGIN(descriptor.engine_name = kName.letters);
