// Stands in for onednn_product.cpp where oneDNN is not built in (thread sanitizer, other CPUs):
// it says for every product that there is no fast kernel.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/kernels/onednn_product.hpp"

namespace turbomind {

struct OneDnnProduct::State {};

OneDnnProduct::OneDnnProduct() = default;
OneDnnProduct::~OneDnnProduct() = default;

bool OneDnnProduct::run(const OneDnnProblem&, const OneDnnOperands&) { return false; }

}  // namespace turbomind
