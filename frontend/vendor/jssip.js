// The softphone's SIP over WebSocket, as one module.
export { UA, WebSocketInterface, debug } from "jssip";
