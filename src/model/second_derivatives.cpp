#include "trunkline/model/second_derivatives.hpp"

namespace trunkline {
namespace {

thread_local bool wanted_by_thread = false;

}  // namespace

SecondDerivatives::SecondDerivatives() : former_(wanted_by_thread) { wanted_by_thread = true; }
SecondDerivatives::~SecondDerivatives() { wanted_by_thread = former_; }
bool SecondDerivatives::wanted() { return wanted_by_thread; }

}  // namespace trunkline
