/* npickle for C++17: owning types, spans and exceptions over npickle.h. Header only.
 *
 *     std::vector<double> field(6, 1.5);
 *     npickle::save("field.pkl", field, {2, 3});
 *
 *     npickle::ndarray<double> back = npickle::load<double>("field.pkl");
 *     std::cout << back.shape()[0] << " x " << back.shape()[1] << ", " << back[5] << "\n";
 *
 *     npickle::document model = npickle::document::load("model.pkl");
 *     npickle::ndarray<float> coef = model.root()["coef_"].array<float>();
 *     long long step = model.root()["step"].as<long long>();
 *
 * Errors: every call that can fail throws npickle::error, which has the npk_error of the C call. Nothing is thrown
 * while a pickle is read or written by callbacks of C.
 *
 * Ownership: document, writer, descriptor and ndarray own what they hold, move and do not copy (an ndarray copies).
 * value, span and what they give out borrow from the document, which must outlive them.
 *
 * Threads: as in npickle.h. One document may be read by many threads.
 */
#ifndef NPICKLE_HPP
#define NPICKLE_HPP

#include <npickle/array.hpp>
#include <npickle/document.hpp>

#endif
