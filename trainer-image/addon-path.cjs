// Stands in for @mapbox/node-pre-gyp in the image: the addon lies beside the bundled TensorFlow.js.
const { join } = require('node:path');

exports.find = () => join(__dirname, 'lib', 'napi-v8', 'tfjs_binding.node');
