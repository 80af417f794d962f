// What can be wrong with the telephone, in words that say what to do.

export const FAULTS = {
  insecure: {
    words: "本页不安全，浏览器不给用麦克风",
    advice:
      "请改用 https:// 开头的地址。若浏览器提示证书不受信任，请管理员按文档安装单位自己的证书，或在本机信任热线的自签证书，然后重新打开本页。",
  },
  refused: {
    words: "麦克风被拒绝",
    advice:
      "点地址栏左侧的图标，把“麦克风”改为“允许”，再按“重试”。仍不行时检查操作系统的麦克风权限。没有改好之前不会给您派电话。",
    again: "重试",
  },
  nodevice: {
    words: "没有找到麦克风",
    advice: "请插好耳机或话筒，再按“重试”。暂时没有耳机时，可在“接听方式”里改用桌面话机或手机。",
    again: "重试",
  },
  busy: {
    words: "麦克风被别的程序占用",
    advice: "请关掉正在使用麦克风的会议、录音程序，再按“重试”。",
    again: "重试",
  },
  away: {
    words: "话务服务器没有应答，正在重试",
    advice: "通话由服务器保持，不必重新登录；恢复后自动接上。几分钟仍不行，请告诉管理员。",
  },
  lost: {
    words: "网络断开，正在重连",
    advice: "通话由服务器保持约 45 秒。请检查网线或无线网络；恢复后自动接上。",
  },
  elsewhere: {
    words: "软电话在另一个标签页里",
    advice: "本页不响铃、不出声。要在本页接听，请按“转到本页”；通话会一起转过来。",
    again: "转到本页",
  },
  other: {
    words: "您在另一台电脑上接听",
    advice: "同一坐席只能在一处接听。要在这里接听，请按“转到这里”。",
    again: "转到这里",
  },
  signedout: {
    words: "登录已过期",
    advice: "正在进行的通话不会断。请重新登录，登录后自动接上；没有保存的工单内容留在本机。",
    again: "重新登录",
  },
  stranger: {
    words: "登录的是另一个账号",
    advice: "本页的通话和工单属于原来的律师，通话不会断。请用原来的账号重新登录，登录后自动接上。",
    again: "重新登录",
  },
  bundle: {
    words: "软电话组件没有装好",
    advice: "请管理员在服务器上执行 make frontend，然后刷新本页。暂时可改用桌面话机或手机。",
  },
  closed: {
    words: "软电话凭据被拒绝",
    advice: "请按“重试”换一份新的；仍不行请刷新页面，或告诉管理员检查话机配置。",
    again: "重试",
  },
};

/** The fault behind an error of getUserMedia. */
export function faultOfMicrophone(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "refused";
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return "nodevice";
  return "busy";
}
