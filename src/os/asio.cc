// Compiles Boost.Asio's separately compiled source once.
#include <boost/asio/impl/src.hpp>
