// Boost.JSON, compiled as a part of the library.
#include <boost/json/src.hpp>
